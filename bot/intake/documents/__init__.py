"""Files: imported, or dropped into watched folders.

files      paths an operator names -> the files below them
archives   a zip archive -> the files in it
origin     which source an article of a file is from
contents   what is in a file, by its kind -> articles, entries, feeds
batches    files -> batches of articles
saved      saved feeds and pages -> articles, each under the key that the store knows it by
listing    a list of feeds -> sources, and back
importing  batches -> the store
folders    watched folders: what happens there, and what is to be read
hearing    the system says what happens in folders
dropped    what lies in such a folder
growing    JSON Lines that may still be written -> whole lines
intray     what is to be read there -> the store
"""
