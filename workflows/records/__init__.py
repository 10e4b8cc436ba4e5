"""Documents of a case: recorded answers come in; versions, approvals and PDFs go out."""
