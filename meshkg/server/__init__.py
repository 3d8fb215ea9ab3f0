"""The HTTP endpoint: `create_app` puts the routers on one application."""

from meshkg.server.app import create_app

__all__ = ["create_app"]
