"""Facebook Messenger: webhooks of a page, and the Send API."""
