"""Where graphs come from and go to: folders of tables."""
