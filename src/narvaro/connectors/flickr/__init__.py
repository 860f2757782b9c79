"""
Flickr by its REST API with OAuth 1.0a (people.getPhotos, photos.recentlyUpdated, photos.comments, upload; read
2026-11-21). Not tried against the live platform.

A post there is one picture: the first line becomes its title, the rest its description, with what the picture shows
last, since Flickr has no field for that. Mail between members is not read, and nobody can be blocked from here.
"""

from narvaro.connectors.flickr.connector import Flickr
from narvaro.connectors.flickr.login import FlickrLogin

__all__ = ["Flickr", "FlickrLogin"]
