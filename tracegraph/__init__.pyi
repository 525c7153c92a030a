from . import datasets as datasets
from .errors import (
    MissingExtraError as MissingExtraError,
    NotTracedError as NotTracedError,
    ProtocolError as ProtocolError,
    ServerError as ServerError,
    StoreError as StoreError,
    TableError as TableError,
    TimeZoneError as TimeZoneError,
    TooLargeError as TooLargeError,
    TracegraphError as TracegraphError,
)
from .model import schemas as schemas
from .model.graph import TraceGraph as TraceGraph
from .protocols.protocol import Protocol as Protocol
from .stores.folder import read as read
from .stores.opening import Store as Store, store as store
from .stores.saved_trace import SavedTrace as SavedTrace
from .tracing.trace import Trace as Trace
from .zones.redraw.plan import Plan as Plan
from .zones.redraw.weights import ZoneWeights as ZoneWeights

__version__: str
