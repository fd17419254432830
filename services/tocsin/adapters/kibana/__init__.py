"""What an analyst sees of the news in Kibana: data views, saved searches, a dashboard, and their import.

`objects` makes the file that is imported, `importer` hands it to a Kibana. No news passes through here.
"""
