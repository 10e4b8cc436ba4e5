// Menus, dialogs, toasts, the announced end of a session, a lost connection.
