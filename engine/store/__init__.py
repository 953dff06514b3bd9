"""What outlives a request: where model files are, and the bucket results are exported to. No torch, no gradio."""

from .config import read_config
from .s3 import S3, Storage
from .weights import ModelFiles, ModelSpec, Weights

__all__ = ["S3", "ModelFiles", "ModelSpec", "Storage", "Weights", "read_config"]
