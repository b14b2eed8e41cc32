"""The only public face: widget, Messenger and WhatsApp in, the bot behind, every message kept until it is answered."""
