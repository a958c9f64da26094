"""Where ``convexity dev`` keeps its builds and data, relative to the project root."""

DEV_FOLDER = ".convexity/dev"
DATABASE = f"{DEV_FOLDER}/data/app.db"
"""Database of the development server."""
