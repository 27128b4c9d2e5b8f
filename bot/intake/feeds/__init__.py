"""Feeds: found, polled, their entries told apart and taken into the store.

sameness     which article of the store an entry of a feed is
timing       when a feed is polled next
turns        whose turn it is among the feeds of one host
outcomes     how a poll ended, as it is recorded
versions     what an article was just before it was corrected
taking       a feed's document -> articles in the store, completed from their pages
poller       asks feeds that are due
introducing  an address -> the feed that is there, polled from then on
websub       hubs send what is new
health       who added a feed is told how it is
idling       what readers have added and nobody follows is not polled
"""
