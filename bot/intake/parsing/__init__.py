"""What feeds, pages, lists and programs say -> values. Pure: no store, no network, no file.

choices    what an operator chooses about an import
clean      outside text -> ours: bounded, NFC, nothing that a database or a message cannot hold
dates      a date as pages and feeds write it -> a moment
keys       what makes two arrivals one article
reading    what became of one piece of input: articles, and what was refused and why
document   a saved article page -> articles
given      an article as JSON gives it -> ours
jsonl      JSON Lines -> articles
entries    what feeds and pages say, cleaned
decoding   the bytes of a feed or page -> text, whatever they say of themselves
markup     tags, read from left to right in one pass
door       titles, links, names, topics, languages as feeds and pages write them -> ours, or none
footers    what programs add to the texts of feeds
prose      HTML -> paragraphs, and its first real picture
odd_dates  dates that follow no standard, or one that nobody keeps -> moments
feed       a feed of any make -> entries; by way of
said       what an entry says by characters alone goes past the library
screen     its text -> harmless, well-formed XML of bounded size
feednames  what the elements of feeds are called
xmlnames   names and attributes, as XML has them
xmltext    characters, as XML has them
xmlfeed    RSS, RDF, Atom -> what it says
jsonfeed   JSON Feed -> what it says
rawfeed    what it says -> entries
discovery  a page -> the feeds that it names
opml       lists of feeds
page       a web page -> the article on it
alphabets  which code page a text is in that names none
pagetree   a page's text -> a tree of bounded size
about      what a page says of itself
addresses  which addresses may be fetched, which of them are one, and what of them may be shown
handed     what programs hand in, checked and cleaned
"""
