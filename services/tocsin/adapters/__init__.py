"""How the ports are kept on each technology. Only `bootstrap` names these."""
