# One image for web, worker and beat; docker-compose.yml says which command each runs.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    OMS_HOME=/var/lib/oms STATIC_ROOT=/srv/static
RUN useradd --system --uid 10001 --home-dir /var/lib/oms --create-home oms
WORKDIR /srv/oms
COPY requirements.lock .
RUN pip install --require-hashes -r requirements.lock
COPY . .
RUN SECRET_KEY=only-to-collect-static-files python manage.py collectstatic --no-input -v0
USER oms
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "-c", "python:oms.gunicorn_conf", "oms.wsgi"]
