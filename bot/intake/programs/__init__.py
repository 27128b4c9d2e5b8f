"""What programs hand in, at once or held until its time.

posted      what they say -> that, or why not
bodies      which process reads what they say
posting     what programs hand in -> the store, at once or later
embargo     what is held -> the store, when its time has come
describing  how programs hand in, described for them and for people
"""
