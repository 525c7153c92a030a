from .city import city as city
from .dataset import Dataset as Dataset
from .published import (
    measles_hagelloch as measles_hagelloch,
    mers_korea as mers_korea,
    varicella_berlin as varicella_berlin,
)
from .synthetic_county import county as county
