"""A GPU that is not there.

Its tensors lie in ordinary memory and say that they are on a `cuda` device: their storages carry a mark, and what
Python asks about devices is answered by that mark. Every operation is looked at on its way to the processor:

- one that CUDA refuses is refused: tensors of two devices, integers in matrix products, `numpy()` of a GPU's tensor;
- one for which the processor would wait for the GPU is written down in `waits`, with the line that asked for it;
- a captured graph repeats operations, not Python, on the very same memory, which must still be there;
- memory is counted, and ends.

What it cannot tell: whether kernels exist, compute the same numbers or are fast; what the driver, several streams or a
fragmented memory do; and operations that C++ calls within another one.
"""

import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import SimpleNamespace, TracebackType
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.backends.cuda import SDPAParams
from torch.nn.attention import bias
from torch.nn.attention.bias import CausalBias
from torch.nn.utils import clip_grad
from torch.utils._device import _device_constructors
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_leaves, tree_map_only

aten = torch.ops.aten
CPU = torch.device("cpu")
WAITS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
FACTORIES = [
    *("arange", "as_tensor", "empty", "empty_like", "empty_strided", "eye", "full", "full_like", "linspace", "ones"),
    *("ones_like", "rand", "rand_like", "randint", "randn", "randn_like", "randperm", "scalar_tensor", "tensor"),
    *("tril_indices", "triu_indices", "zeros", "zeros_like"),
]
NEW = ["new_empty", "new_full", "new_ones", "new_tensor", "new_zeros"]
FROM_DATA = {"as_tensor", "tensor", "new_tensor"}
TAKES_INDICES = {aten.index.Tensor, aten.index_put.default, aten.index_put_.default, aten._index_put_impl_.default}
TAKES_LISTS = {*TAKES_INDICES, aten.index_fill_.int_Scalar}
"""C++ makes a tensor of a list of places, on the device of what is indexed."""
PRODUCTS = {aten.mm.default, aten.bmm.default, aten.addmm.default, aten.baddbmm.default}


class Wait(NamedTuple):
    """Something for which the processor waits until the GPU has done all that it was given."""

    what: str
    where: str
    """The line of the worker that asked for it."""


class PretendedGpu(TorchDispatchMode):
    def __init__(self, memory: int = 80 << 30, capability: tuple[int, int] = (9, 0), index: int = 0) -> None:
        super().__init__()
        self.device, self.current = torch.device("cuda", index), 0
        self.memory, self.capability = memory, capability
        self.allocated = self.peak = self.launches = 0
        self.waits: list[Wait] = []
        self.unfused: list[str] = []
        """Calls of attention for which there is no fused kernel."""
        self.graphs: list[Graph] = []
        self.pools: dict[tuple[int, int], weakref.WeakSet[Graph]] = {}
        """The graphs that share a memory. It is as large as the largest of them needs."""
        self.streams = 0
        self._capturing: Graph | None = None
        self._place: torch.device | None = None
        """Where a factory that Python called puts its tensor. What C++ makes may be anywhere."""
        self._live: dict[int, weakref.ref[Any]] = {}
        self._arriving: list[tuple[Tensor, Tensor]] = []
        """Copies on their way to the processor."""
        self._before: list[tuple[Any, str, Any]] = []

    # Places.

    def place(self, x: Tensor) -> torch.device | None:
        """None for what C++ made out of nothing."""
        return getattr(x.untyped_storage(), "place", CPU)

    def put(self, x: Tensor, place: torch.device | None) -> None:
        storage: Any = x.untyped_storage()
        if getattr(storage, "place", CPU) != self.device and place == self.device:
            size, key = storage.nbytes(), id(storage)
            if self.allocated + self.pooled + size > self.memory:
                raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {size} bytes.")
            if self._capturing is not None:
                self._capturing.bytes += size
                storage.place = place
                return
            self.allocated += size
            self.peak = max(self.peak, self.allocated)

            def free(_: Any) -> None:
                self.allocated -= size
                self._live.pop(key, None)

            self._live[key] = weakref.ref(storage, free)
        storage.place = place

    @property
    def pooled(self) -> int:
        """Bytes that no tensor outside of a graph can have."""
        return sum(max((graph.bytes for graph in graphs), default=0) for graphs in self.pools.values())

    def wait(self, what: str) -> None:
        if self._capturing is not None:
            raise RuntimeError(f"CUDA error: operation not permitted when stream is capturing: {what}")
        frame = sys._getframe(1)
        while frame.f_back is not None and "chirality_worker" not in frame.f_code.co_filename:
            frame = frame.f_back
        self.waits.append(Wait(what, f"{frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.f_lineno}"))

    @contextmanager
    def counted(self) -> Iterator[list[Wait]]:
        """A context that collects the waits within it."""
        found: list[Wait] = []
        start = len(self.waits)
        yield found
        found += self.waits[start:]

    def device_of(self, device: Any) -> torch.device:
        found = torch.device("cuda", device) if isinstance(device, int) else torch.device(device)
        if found.type == "cuda" and found.index is None:
            found = torch.device("cuda", self.current)
        if found.type == "cuda" and found != self.device:
            raise RuntimeError("CUDA error: invalid device ordinal")
        return found

    # Operations.

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        given = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor) and not x.is_meta]
        places = [self.place(x) for x in given]
        on_gpu = self.device in places
        if on_gpu:
            self._check(func, given, places)
        if str(func).startswith("torch_attn._varlen_attn"):
            func = varlen_backward if "backward" in str(func) else varlen_attention
        out = func(*args, **kwargs)
        made = [x for x in tree_leaves(out) if isinstance(x, Tensor) and not x.is_meta]
        if on_gpu:
            self.launches += 1
            for x in made:
                # A copy to the processor stays there.
                if self.place(x) != self.device and func is not aten.copy_.default:
                    self.put(x, self.device)
            if self._capturing is not None:
                self._capturing.record(func, args, kwargs, out)
        elif not given:
            for x in made:
                self.put(x, self._place)
            if self._capturing is not None and self._place == self.device:
                self._capturing.record(func, args, kwargs, out)
        return out

    def _check(self, func: Any, given: list[Tensor], places: list[torch.device | None]) -> None:
        foreign = [x for x, place in zip(given, places, strict=True) if place == CPU and x.dim() > 0]
        if func is aten.copy_.default:
            # A number that lies on the processor is an argument of the kernel that fills.
            if places[0] != places[1] and not (places[0] == self.device and given[1].dim() == 0):
                self.wait("copy_")
        elif foreign and func in TAKES_LISTS and all(not x.is_floating_point() for x in foreign):
            self.wait("indices from the processor")
        elif foreign:
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but found at least two devices, cuda and cpu! ({func})"
            )
        if func in PRODUCTS and not given[0].is_floating_point():
            raise RuntimeError(f'"addmm_cuda" not implemented for {given[0].dtype}')
        if func in TAKES_INDICES:
            waits = any(x.dtype in (torch.bool, torch.uint8) for x in given[1:])
        else:
            waits = bool(WAITS & set(func.tags)) or func is aten.bincount.default
        if waits:
            self.wait(str(func))

    # What Python asks of tensors.

    def move(self, x: Tensor, device: torch.device, non_blocking: bool) -> Tensor:
        to_gpu = device == self.device
        if not (non_blocking and (not to_gpu or x.is_pinned())):
            self.wait("copy to the GPU" if to_gpu else "copy from the GPU")
        with self._made_at(device), _disable_current_modes():
            out = x.clone()
        self.put(out, device)
        if not to_gpu and non_blocking:
            with torch.no_grad(), _disable_current_modes():
                self._arriving.append((out, out.detach().clone()))
                out.detach().fill_(float("nan") if out.is_floating_point() else -1)
        return out

    def arrive(self, copies: list[tuple[Tensor, Tensor]]) -> None:
        for out, value in copies:
            with torch.no_grad(), _disable_current_modes():
                out.detach().copy_(value)

    @contextmanager
    def _made_at(self, place: torch.device) -> Iterator[None]:
        before, self._place = self._place, place
        try:
            yield
        finally:
            self._place = before

    def _factory(self, make: Callable[..., Any], name: str) -> Callable[..., Any]:
        def factory(*args: Any, device: Any = None, **kwargs: Any) -> Any:
            like = args[0] if args and isinstance(args[0], Tensor) and name != "tensor" else None
            if device is None and like is not None:
                device = like.device
            place = CPU if device is None else self.device_of(device)
            if device is not None:
                kwargs["device"] = place if place.type == "meta" else CPU
            generator = kwargs.get("generator")
            if generator is not None and generator.device != place:
                raise RuntimeError(f"Expected a '{place.type}' device type for generator")
            with self._made_at(CPU if name in FROM_DATA else place):
                out = make(*args, **kwargs)
            if out.is_meta or self.place(out) == place:
                return out
            if name in FROM_DATA:
                return self.move(out, place, False)
            self.put(out, place)
            return out

        return factory

    def _patch(self, owner: Any, **names: Any) -> None:
        for name, value in names.items():
            self._before.append((owner, name, vars(owner).get(name)))
            setattr(owner, name, value)

    def __enter__(self) -> "PretendedGpu":
        gpu = self
        # PyTorch remembers which functions make tensors, for `with torch.device("meta")`: not those of this class.
        _device_constructors()
        own_to, own_numpy, own_tolist = Tensor.to, Tensor.numpy, Tensor.tolist
        pinned: weakref.WeakSet[Any] = weakref.WeakSet()

        def to(x: Tensor, *args: Any, non_blocking: bool = False, **kwargs: Any) -> Tensor:
            if args and isinstance(args[0], Tensor):
                args = (args[0].device, args[0].dtype, *args[1:])
            device = kwargs.pop("device", None)
            if args and isinstance(args[0], (str, int, torch.device)):
                device, *rest = args
                args = tuple(rest)
            non_blocking = non_blocking or any(arg is True for arg in args)
            args = tuple(arg for arg in args if isinstance(arg, torch.dtype))
            device = x.device if device is None else gpu.device_of(device)
            if device.type == "meta" or x.is_meta:
                return own_to(x, device, *args, **kwargs)
            out = own_to(x, *args, **kwargs) if args or kwargs else x
            return out if out.device == device else gpu.move(out, device, non_blocking)

        def numpy(x: Tensor, **kwargs: Any) -> Any:
            if x.device == gpu.device:
                raise TypeError("can't convert cuda device type tensor to numpy.")
            return own_numpy(x, **kwargs)

        def tolist(x: Tensor) -> Any:
            if x.device == gpu.device:
                gpu.wait("tolist")
            return own_tolist(x)

        def pin_memory(x: Tensor, device: Any = None) -> Tensor:
            if x.device != CPU:
                raise RuntimeError("cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned")
            out = x.clone()
            pinned.add(out.untyped_storage())
            return out

        def device(x: Tensor) -> torch.device:
            return torch._C.TensorBase.device.__get__(x) if x.is_meta else gpu.place(x) or CPU

        self._patch(
            Tensor,
            device=property(device),
            is_cuda=property(lambda x: x.device == gpu.device),
            get_device=lambda x: 0 if x.device == gpu.device else -1,
            to=to,
            cuda=lambda x, *_, **__: x.to(gpu.device),
            cpu=lambda x: x.to(CPU),
            numpy=numpy,
            tolist=tolist,
            pin_memory=pin_memory,
            is_pinned=lambda x: x.untyped_storage() in pinned,
            **{name: self._factory(getattr(Tensor, name), name) for name in NEW},
        )
        attend = F.scaled_dot_product_attention

        def fused(query: Tensor, key: Tensor, value: Tensor, attn_mask: Any = None, **kwargs: Any) -> Tensor:
            if query.device == gpu.device:
                gpu._look_at_attention(query, key, value, attn_mask)
                if isinstance(attn_mask, CausalBias):
                    size = attn_mask.seq_len_q, attn_mask.seq_len_kv
                    attn_mask = torch.ones(size, dtype=torch.bool, device=query.device).tril(size[1] - size[0])
            return attend(query, key, value, attn_mask, **kwargs)

        def has_flash(asked: SDPAParams) -> bool:
            x = asked.query
            low = x.dtype in (torch.float16, torch.bfloat16)
            return x.device == gpu.device and low and gpu.capability >= (8, 0) and x.shape[-1] % 8 == 0

        lower_right = bias.causal_lower_right

        def bias_of(*size: int) -> CausalBias:
            with _disable_current_modes():
                return lower_right(*size)

        self._patch(bias, causal_lower_right=bias_of)
        self._patch(F, scaled_dot_product_attention=fused)
        self._patch(torch.backends.cuda, can_use_flash_attention=has_flash)
        self._patch(
            torch,
            Generator=Generator,
            **{name: self._factory(getattr(torch, name), name) for name in FACTORIES},
        )
        own_groups = clip_grad._group_tensors_by_device_and_dtype

        def groups(tensors: list[list[Tensor]]) -> Any:
            """C++ sees the processor alone."""
            found = own_groups(tensors)
            return {(parts[0][0].device, dtype): (parts, places) for (_, dtype), (parts, places) in found.items()}

        self._patch(clip_grad, _group_tensors_by_device_and_dtype=groups)
        functions = self._functions()
        self._patch(torch.cuda, **vars(functions))
        self._patch(torch.accelerator, is_available=lambda: True, current_stream=functions.current_stream)
        return super().__enter__()  # type: ignore[return-value]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        for owner, name, value in reversed(self._before):
            if value is None:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
        self._before.clear()

    def _look_at_attention(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> None:
        """Conditions of the kernels by flash attention (no mask) and of the memory-efficient ones."""
        low = query.dtype in (torch.float16, torch.bfloat16)
        aligned = all(x.shape[-1] % (8 if low else 4) == 0 and x.stride(-1) == 1 for x in (query, key, value))
        flash = low and (mask is None or isinstance(mask, CausalBias))
        if not flash and not (aligned and query.shape[1] == key.shape[1]):
            self.unfused.append(f"{query.dtype} {tuple(query.shape)} {tuple(key.shape)} mask {mask is not None}")

    def _functions(self) -> SimpleNamespace:
        """What `torch.cuda` has."""
        gpu = self
        states = [torch.zeros(16, dtype=torch.uint8)]
        properties = SimpleNamespace(
            name="Pretended GPU",
            total_memory=self.memory,
            major=self.capability[0],
            minor=self.capability[1],
            uuid="0",
        )

        @contextmanager
        def context(*_: Any, **__: Any) -> Iterator[None]:
            yield

        @contextmanager
        def graph(
            captured: Graph, pool: Any = None, stream: Any = None, capture_error_mode: str = ""
        ) -> Iterator[None]:
            gpu.wait("begin of a capture")
            pool = pool or handle()
            if pool in gpu.pools and not gpu.pools[pool]:
                raise RuntimeError("it->second->use_count > 0 INTERNAL ASSERT FAILED: the pool's last graph is gone")
            captured.others = gpu.pools.setdefault(pool, weakref.WeakSet())
            # A stream of another device sees none of the operations.
            gpu._capturing = captured if gpu.current == gpu.device.index else None
            captured.others.add(captured)
            try:
                yield
            except BaseException:
                captured.others.discard(captured)
                raise
            finally:
                gpu._capturing = None

        def handle() -> tuple[int, int]:
            return 0, len(gpu.pools) + 1

        def new_stream(*_: Any) -> SimpleNamespace:
            gpu.streams += 1
            return stream

        def snapshot() -> list[dict[str, Any]]:
            segments = [((0, 0), gpu.allocated, gpu.allocated)]
            segments += [(pool, max((graph.bytes for graph in some), default=0), 0) for pool, some in gpu.pools.items()]
            return [
                {"device": gpu.device.index, "segment_pool_id": pool, "total_size": total, "allocated_size": used}
                for pool, total, used in segments
            ]

        class Event:
            def record(self, _: Any = None) -> None:
                self.copies, gpu._arriving = gpu._arriving, []

            def synchronize(self) -> None:
                gpu.wait("event")
                gpu.arrive(self.copies)

        def synchronize(_: Any = None) -> None:
            gpu.wait("synchronize")
            copies, gpu._arriving = gpu._arriving, []
            gpu.arrive(copies)

        def reset_peak(_: Any = None) -> None:
            gpu.peak = gpu.allocated

        stream = SimpleNamespace(wait_stream=lambda _: None, synchronize=synchronize, is_capturing=lambda: False)
        return SimpleNamespace(
            _initialized=True,
            is_available=lambda: True,
            is_initialized=lambda: True,
            init=lambda: None,
            device_count=lambda: gpu.device.index + 1,
            current_device=lambda: gpu.current,
            set_device=lambda device: setattr(gpu, "current", gpu.device_of(device).index),
            device=context,
            get_device_name=lambda _=None: properties.name,
            get_device_properties=lambda _=None: properties,
            get_device_capability=lambda _=None: gpu.capability,
            mem_get_info=lambda _=None: (gpu.memory - gpu.allocated - gpu.pooled, gpu.memory),
            memory_allocated=lambda _=None: gpu.allocated,
            memory_reserved=lambda _=None: gpu.allocated + gpu.pooled,
            memory_snapshot=snapshot,
            graph_pool_handle=handle,
            max_memory_allocated=lambda _=None: gpu.peak,
            reset_peak_memory_stats=reset_peak,
            empty_cache=lambda: None,
            manual_seed_all=lambda _: None,
            get_rng_state=lambda _=None: states[0].clone(),
            set_rng_state=lambda state, _=None: states.__setitem__(0, state.clone()),
            synchronize=synchronize,
            Stream=new_stream,
            current_stream=lambda _=None: stream,
            stream=context,
            Event=Event,
            CUDAGraph=lambda: Graph(gpu),
            graph=graph,
            is_current_stream_capturing=lambda: gpu._capturing is not None,
        )


class Freed(AssertionError):
    """A graph reads or writes memory that is no longer its own."""


class Graph:
    """The operations of a capture. Memory from outside belongs to others, who may free it."""

    def __init__(self, gpu: PretendedGpu) -> None:
        self._gpu = gpu
        self._calls: list[tuple[Any, Any, Any, Any]] = []
        self._own: set[int] = set()
        self._results: list[Tensor] = []
        self.bytes = 0
        self.others: weakref.WeakSet[Graph] = weakref.WeakSet()
        """Those in the same memory, and this one."""
        self.replays = 0
        gpu.graphs.append(self)

    def record(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        given = {id(x.untyped_storage()) for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)}
        made = [x for x in tree_leaves(out) if isinstance(x, Tensor)]
        self._own |= {id(x.untyped_storage()) for x in made} - given
        self._results += [x.detach() for x in made if id(x.untyped_storage()) not in given]
        views = all(id(x.untyped_storage()) in given for x in made) and not func._schema.is_mutable
        if not views:
            self._calls.append((func, *tree_map_only(Tensor, self._kept, (args, kwargs, out))))

    def _kept(self, x: Tensor) -> Callable[[], Tensor]:
        """Returns a function that finds the tensor again."""
        storage: Any = x.untyped_storage()
        if self._gpu.place(x) != self._gpu.device:
            # A number of the processor is part of the graph.
            value = x.clone()
            return lambda: value
        if id(storage) in self._own:
            return lambda: x.detach()
        found: weakref.ref[Any] = weakref.ref(storage)
        dtype, offset, size, stride = x.dtype, x.storage_offset(), x.size(), x.stride()

        def find() -> Tensor:
            storage = found()
            if storage is None:
                raise Freed("A captured graph was replayed on memory that has been freed since.")
            return torch.empty(0, dtype=dtype).set_(storage, offset, size, stride)

        return find

    def overwrite(self) -> None:
        for x in self._results:
            x.fill_(float("nan") if x.is_floating_point() else 0)

    def replay(self) -> None:
        self.replays += 1
        self._gpu.launches += 1
        with torch.no_grad(), _disable_current_modes():
            for graph in self.others:
                if graph is not self:
                    graph.overwrite()
            for func, args, kwargs, before in self._calls:
                found = func(*call_all(args), **call_all(kwargs))
                if not func._schema.is_mutable:
                    for old, new in zip(tree_leaves(before), tree_leaves(found), strict=True):
                        old().copy_(new)


class Generator(torch.Generator):
    """Random numbers, drawn on the processor, of either device."""

    device = CPU

    def __new__(cls, device: Any = CPU) -> "Generator":
        made = super().__new__(cls, CPU)
        made.device = torch.device(device)
        return made


def varlen_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    ends: Tensor,
    key_ends: Tensor,
    most: int,
    _: int,
    causal: bool,
    scale: float,
    *__: Any,
) -> tuple[Tensor, ...]:
    """What the kernel computes, sequence by sequence, and what it demands."""
    assert ends is key_ends
    assert ends.dtype == torch.int32
    assert q.dtype in (torch.float16, torch.bfloat16)
    assert q.shape[-1] % 8 == 0
    assert all(x.stride(-1) == 1 for x in (q, k, v))
    assert not causal
    assert most == int(ends.diff().max())
    parts = [
        F.scaled_dot_product_attention(*(x[None, a:b].transpose(1, 2) for x in (q, k, v)), scale=scale)[0].transpose(
            0, 1
        )
        for a, b in pairwise(map(int, ends))
    ]
    return torch.cat(parts), q.new_zeros(q.shape[1], len(q), dtype=torch.float32), torch.zeros(2, dtype=torch.uint64)


def varlen_backward(
    slope: Tensor, q: Tensor, k: Tensor, v: Tensor, _: Tensor, __: Tensor, ends: Tensor, *options: Any
) -> tuple[Tensor, ...]:
    scale = options[5]
    found = [torch.empty_like(x) for x in (q, k, v)]
    for a, b in pairwise(map(int, ends)):
        queries, keys, values, d_out = (x[a:b].transpose(0, 1).float() for x in (q, k, v, slope))
        p = (queries @ keys.transpose(-1, -2) * scale).softmax(-1)
        d_p = d_out @ values.transpose(-1, -2)
        d_scores = p * (d_p - (d_p * p).sum(-1, keepdim=True)) * scale
        for x, d in zip(
            found, (d_scores @ keys, d_scores.transpose(-1, -2) @ queries, p.transpose(-1, -2) @ d_out), strict=True
        ):
            x[a:b] = d.transpose(0, 1).to(x.dtype)
    return tuple(found)


def call_all(tree: Any) -> Any:
    return tree_map_only(Callable, lambda find: find(), tree)
