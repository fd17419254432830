"""The demo press: September 2008 told again on loopback, so that a newcomer sees the desk at work."""
