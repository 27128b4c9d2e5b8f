"""What reads feeds and pages runs in processes that can be killed.

jobs        what is done in processes that can be killed
threadjobs  threads have such jobs done
workers     runs what reads feeds and pages in processes that can be killed
worker      such a process
wire        what they say to each other
"""
