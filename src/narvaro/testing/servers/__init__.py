"""Real platform servers, started on 127.0.0.1 at free ports and stopped by their process id."""
