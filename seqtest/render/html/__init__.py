"""The HTML report: plain data of each case, and the static pages made of them."""
