"""Opens a model from the hub or a folder, with an adapter or with all weights trainable."""

import importlib.util
import os
import re
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import transformers
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor, BitsAndBytesConfig
from transformers.utils import cached_file

from .adapter import compute_fused
from .errors import WorkerError, first_line
from .families import family_of, require_known
from .fused import fuse
from .images import ImageFiles
from .memory import FIRST
from .products import onednn_is_faster, use_onednn
from .rounding import rounding_of, sample_groups
from .seeing import measure
from .vlm import Vlm

Progress = Callable[[str, int, int], None]
PROCESSOR = torch.device("cpu")


CHECKED = [(437, 331), (331, 437)]
"""Image sizes, wide and high, at which half of the families are not mirror-symmetric without filler."""


@dataclass(frozen=True)
class Adapter:
    rank: int
    alpha: float
    dropout: float
    targets: list[str]
    excludes: list[str]


@dataclass(frozen=True)
class Options:
    model: str
    adapter: Adapter | None
    precision: str
    quantization: str
    max_pixels: int | None
    seed: int
    device: str
    threads: int | None
    gradient_checkpointing: bool | None
    """None: only if passes do not fit into memory without it."""
    micro_tokens: int | None
    """None: the maximum that fits into memory."""
    captured: str
    offload: str
    symmetric: bool = False
    """Whether images receive filler so that original and mirror reach the model alike."""


def options_from(args: dict[str, Any]) -> Options:
    adapter = args["adapter"]
    return Options(**{**args, "adapter": None if adapter is None else Adapter(**adapter)})


def open_vlm(
    options: Options,
    progress: Progress,
    device: torch.device = PROCESSOR,
    before_use: Callable[[], str | None] = lambda: None,
    note: Callable[[str, str], None] = lambda kind, message: None,
) -> Vlm:
    """`before_use` is called after the weights are read, before any use of the device. It returns a reason not to use
    Chirality's kernels there, or None. `note` receives messages for the events of the run."""
    if options.threads:
        torch.set_num_threads(options.threads)
    name = options.model
    if device.type == "cpu" and options.precision == "float32" and onednn_is_faster():
        use_onednn()
    if options.adapter is None and options.quantization == "4bit":
        raise WorkerError(
            "bad-options",
            "4-bit weights cannot be trained.",
            "Set engine.quantization to none, or engine.adapter.kind to lora.",
        )
    if name.startswith((".", os.sep)) and not os.path.isdir(name):
        raise WorkerError("no-model", f"Folder {name} does not exist.")
    try:
        config = AutoConfig.from_pretrained(name, trust_remote_code=False)
        require_known(config.model_type, name)
        processor = AutoProcessor.from_pretrained(name, trust_remote_code=False)
        with loading_shown(progress):
            if options.quantization == "4bit":
                failure = before_use()
                take(device)
                model = open_in_4_bits(name, getattr(torch, options.precision), device)
            else:
                model = weights_of(name, getattr(torch, options.precision))
                failure = before_use()
                take(device)
                model.to(device)
    except (OSError, ValueError) as error:
        raise cannot_open(name, error) from error
    family = family_of(model, processor, options.max_pixels)
    # Determines the initial weights of an adapter and later dropout masks.
    torch.manual_seed(options.seed)
    if options.adapter is None:
        trained: nn.Module = model.requires_grad_(True)
    else:
        trained = with_adapter(model, family.language, options.adapter)
        compute_fused(family.language)
    if options.gradient_checkpointing:
        family.language.gradient_checkpointing_enable({"use_reentrant": False})
    # Includes the adapter's dropout, which is created in training mode.
    trained.eval()
    trainable = {name: p for name, p in trained.named_parameters() if p.requires_grad}
    vlm = Vlm(trained, family, trainable)
    if options.symmetric:
        vlm.files.is_symmetric = family.is_symmetric
        require_symmetric(vlm.files, processor)
    vlm.pass_tokens = options.micro_tokens or FIRST
    vlm.rounding = rounding_of(vlm)
    if failure is None:
        fuse(vlm, sample_groups(vlm), note)
    return vlm


def require_symmetric(files: ImageFiles, processor: Any) -> None:
    """Raises WorkerError if measurements show an asymmetric processor, despite filler around images of these sizes."""
    for size in CHECKED:
        width, height = files.canvas(*size)
        if shift := measure(processor, width, height)["shift"]:
            raise WorkerError(
                "asymmetric",
                f"The image processor of this model cannot be kept mirror-symmetric: an image of {size[0]} × {size[1]} "
                f"pixels and its mirror image are {shift} pixels apart.",
                "Remove pairs.symmetric.",
            )


def open_in_4_bits(name: str, dtype: torch.dtype, device: torch.device) -> Any:
    """Opens a model with the linear layers of its language model in 4 bits (NF4), computing in `dtype`; other layers
    stay unchanged."""
    if importlib.util.find_spec("bitsandbytes") is None:
        raise WorkerError(
            "missing-package",
            "4-bit weights require bitsandbytes, which is not installed.",
            "Run `chirality engine setup torch --4bit`, or set engine.quantization to none.",
        )
    how = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=["lm_head", "model.visual", "model.vision_tower", "model.multi_modal_projector"],
    )
    model = weights_of(name, dtype, quantization_config=how, device_map={"": device})
    for module in model.modules():
        # On some CPUs, the first sampling would permanently change layers to an inference layout.
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
    return model


def weights_of(name: str, dtype: torch.dtype, **more: Any) -> Any:
    """Opens a model with its weights. Code from the model never runs, whatever the defaults of transformers."""
    return AutoModelForImageTextToText.from_pretrained(
        name, dtype=dtype, trust_remote_code=False, use_safetensors=True, **more
    )


def base_weights(options: Options) -> dict[str, torch.Tensor]:
    """Reads all original weights of the model again, because a permanent second copy would need more memory."""
    model = weights_of(options.model, getattr(torch, options.precision))
    return {name: p.detach() for name, p in model.named_parameters()}


def device_of(wanted: str, process: int) -> torch.device:
    """Returns the device, without using it yet. `process` is the index among the local processes; each one has its own
    GPU."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise WorkerError(
            "no-cuda",
            "PyTorch finds no CUDA device.",
            "Run `chirality engine doctor`, or set engine.device to cpu.",
        )
    if wanted == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    if process >= torch.cuda.device_count():
        raise WorkerError(
            "no-cuda",
            f"PyTorch finds only {torch.cuda.device_count()} CUDA devices, but each process requires one.",
            "Lower engine.devices.",
        )
    return torch.device("cuda", process)


def take(device: torch.device) -> None:
    """Makes a GPU the current device. In exclusive mode, other processes cannot use it from then on."""
    if device.type == "cuda":
        torch.cuda.set_device(device)
        # cuDNN's attention compiles a plan for every new shape, and shapes change with every pass.
        torch.backends.cuda.enable_cudnn_sdp(False)


def with_adapter(model: nn.Module, language: nn.Module, adapter: Adapter) -> nn.Module:
    """Adds LoRA to the target projections of the language model."""
    root = next(name for name, module in model.named_modules() if module is language)
    linear = [name for name, module in language.named_modules() if isinstance(module, nn.Linear)]
    kept = [name for name in linear if not any(part in f"{root}.{name}".split(".") for part in adapter.excludes)]
    known = sorted({name.split(".")[-1] for name in kept})
    unknown = [target for target in adapter.targets if target not in known]
    if unknown or not adapter.targets:
        raise WorkerError(
            "bad-options",
            f"The language model has no projection {', '.join(unknown) or 'to adapt'}.",
            f"Choose engine.adapter.targets from {', '.join(known)}.",
        )
    excluded = "".join(rf"(?!.*\b{re.escape(part)}\b)" for part in adapter.excludes)
    targets = "|".join(map(re.escape, adapter.targets))
    return get_peft_model(
        model,
        LoraConfig(
            r=adapter.rank,
            lora_alpha=adapter.alpha,
            lora_dropout=adapter.dropout,
            target_modules=rf"{excluded}{re.escape(root)}\..*\b(?:{targets})",
            task_type="CAUSAL_LM",
        ),
    )


def cannot_open(name: str, error: OSError | ValueError) -> Exception:
    if "trust_remote_code" in str(error):
        return WorkerError("bad-model", f"{name} contains custom code, which is not run.", "Choose another model.")
    if isinstance(error, ValueError):
        return error
    if has_only_pickles(name, error):
        return WorkerError(
            "bad-model",
            f"The weights of {name} are pickle files (*.bin), which can run code when they are read.",
            "Choose a model with *.safetensors, or convert a trusted model with save_pretrained of transformers.",
        )
    if os.path.isdir(name):
        return WorkerError("bad-model", f"{name} contains no model that transformers can open: {first_line(error)}")
    if os.environ.get("HF_HUB_OFFLINE") == "1":
        fix = f"Download it first: `hf download {name}`, or unset HF_HUB_OFFLINE."
    else:
        fix = "Check the name and, for models with a licence to accept, `hf auth login`."
    return WorkerError("no-model", f"{name} is neither a folder nor an available model: {first_line(error)}", fix)


def folder_of(name: str) -> str | None:
    """Returns the folder from which a model was opened; for a hub model, its version in the cache."""
    if os.path.isdir(name):
        return os.path.abspath(name)
    try:
        file = cached_file(name, "config.json", local_files_only=True)
    except OSError:
        return None
    return None if file is None else os.path.dirname(file)


def has_only_pickles(name: str, error: OSError) -> bool:
    if not os.path.isdir(name):
        return "safetensors" in str(error)
    endings = {os.path.splitext(file)[1] for file in os.listdir(name)}
    return ".safetensors" not in endings and not endings.isdisjoint({".bin", ".pt", ".pth"})


@contextmanager
def loading_shown(progress: Progress) -> Iterator[None]:
    """Returns a context that reports the loading progress that transformers would show as a bar."""

    class Counted:
        def __init__(self, items: Any, total: int) -> None:
            self.items, self.total = items, total

        def __iter__(self) -> Iterator[Any]:
            shown = 0.0
            for i, item in enumerate(self.items, 1):
                yield item
                if i == self.total or time.monotonic() - shown > 0.2:
                    shown = time.monotonic()
                    progress("loading weights", i, self.total)

    def hook(make: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        items = args[0] if args else options.get("iterable")
        total = options.get("total") or (len(items) if isinstance(items, Sized) else 0)
        return Counted(items, total) if items is not None and total else make(*args, **options)

    before = transformers.utils.logging.set_tqdm_hook(hook)
    try:
        yield
    finally:
        transformers.utils.logging.set_tqdm_hook(before)
