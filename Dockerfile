# GiftSync for a server: web, worker, beat or migrate, by the argument (see scripts/start).

FROM python:3.11-slim-bookworm AS build
WORKDIR /app
# Without pip inside: the finished image holds what runs and nothing that installs.
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt ./
RUN pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes \
        -r requirements.txt
COPY . .
# Hashed and compressed static files; nothing here needs a secret or a database.
RUN GIFTSYNC_MODE=production VAR_DIR=/tmp/var /opt/venv/bin/python manage.py \
        collectstatic --noinput --verbosity 0 && \
    /opt/venv/bin/python -m compileall -q .

FROM python:3.11-slim-bookworm
# A number, so that a platform that forbids root can see that this is not root.
RUN groupadd --system --gid 10001 giftsync && \
    useradd --system --uid 10001 --gid giftsync --home-dir /app --no-create-home giftsync && \
    install -d -o giftsync -g giftsync /app/var
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    GIFTSYNC_MODE=production \
    VAR_DIR=/app/var
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
# Owned by root: the program cannot change itself, only what lies in /app/var.
COPY --from=build /app /app
USER 10001:10001
VOLUME /app/var
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "scripts/healthy.py"]
ENTRYPOINT ["scripts/start"]
CMD ["web"]
