"""Export and erasure of one account, across everything that plugins and the platform keep.

| what | here |
|---|---|
| which entities hold whose data | `declared`, of the hook `personal_data`; the platform's own in `platform` |
| finding all rows of an account by key, resumably | `walking` |
| erasing: closing, waiting, sweeping | `erasing` |
| handing over | `exporting` |
"""
