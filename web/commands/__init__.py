"""The commands behind ./hent: one file each, `run(arguments)` in every one."""
