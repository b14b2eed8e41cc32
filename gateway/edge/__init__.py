"""What every request passes before it reaches a route: log line, security headers, body limits."""
