"""For a server of several processes: `gunicorn -k gthread web.wsgi:app`."""

from web import create_app

app = create_app()
