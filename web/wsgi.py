"""For a server of several processes: `gunicorn -k gthread web.wsgi:app`."""

from documents import pdf
from web.app import create_app

app = create_app()
pdf.warm_up()
