"""Figures as drawings: percent coordinates beside words, made in Python, printed by templates."""
