"""RCP meetings: a directory, sessions and presences come in; agendas, quorums and messages go out."""
