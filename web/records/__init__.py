"""The documents of a case: versions in their chain, and the PDF of each."""
