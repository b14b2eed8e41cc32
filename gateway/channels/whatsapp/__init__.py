"""WhatsApp Cloud: webhooks of a business account, and the messages API."""
