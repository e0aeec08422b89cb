"""PlantUML's own themes. What they look like is PlantUML's affair; that they exist is checked."""

THEMES = frozenset(
    """
    _none_ amiga aws-orange black-knight bluegray blueprint carbon-gray cerulean cerulean-outline
    cloudscape-design crt-amber crt-green cyborg cyborg-outline hacker lightgray mars materia materia-outline
    metal mimeograph minty mono plain reddress-darkblue reddress-darkgreen reddress-darkorange reddress-darkred
    reddress-lightblue reddress-lightgreen reddress-lightorange reddress-lightred sandstone silver sketchy
    sketchy-outline spacelab spacelab-white sunlust superhero superhero-outline toy united vibrant
    """.split()
)
