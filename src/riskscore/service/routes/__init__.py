"""The routes, a module for each thing that is asked for; every one gives its list to the application."""
