"""Renders a vendored Python source tree and its YAML annotations into a static, two-column site."""
