from .dataset import Dataset as Dataset
from .hostile_sets import hostile as hostile
from .published import (
    measles_hagelloch as measles_hagelloch,
    mers_korea as mers_korea,
    varicella_berlin as varicella_berlin,
)
from .synthetic_city import city as city
from .synthetic_county import county as county
