# docker build -t riskscore:0.1.0 .
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
COPY features features
COPY training training
COPY serving serving
RUN python -m venv /opt/riskscore \
 && /opt/riskscore/bin/pip install --no-cache-dir -c constraints.txt '.[databases]'

FROM python:3.11.14-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 riskscore && useradd --uid 10001 --gid 10001 --no-create-home riskscore \
 && install -d -o 10001 -g 10001 /var/lib/mlflow
COPY --from=build /opt/riskscore /opt/riskscore
ENV PATH=/opt/riskscore/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    BENTOML_DO_NOT_TRACK=true MLFLOW_DISABLE_TELEMETRY=true OMP_WAIT_POLICY=passive
USER 10001:10001
EXPOSE 3000
ENTRYPOINT ["riskscore"]
CMD ["serve", "--host", "0.0.0.0"]
