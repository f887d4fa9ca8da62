"""Tests of every format as one kind of trial, and the decisions that the engine gives on them."""
