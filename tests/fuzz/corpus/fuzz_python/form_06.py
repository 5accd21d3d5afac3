def upgrade():
    """doc"""
    x = 1
    y: int
    y: int = f()
    z += 1
    "string"
    f"string {g()}"
    ...
    pass
    a
    a == b
    op.f("a")
    (op.g("b"))
    await_
    for a in b: op.h()
    while a: break
    if a: continue
    try: pass
    except: pass
    finally: pass
    with a: pass
    def inner(): op.i(); return 1
    class Inner: op.j()
    import a, b.c
    from d import e
    global g
    nonlocal n
    del x
    return
    return f()
    raise
    raise E from f()
    assert a(), b()
    yield
    yield a()
    x = yield
    x = yield a, b()
    yield from a()
    lambda: op.k()
    [op.l() for x in y]
    (yield)
    match = 1
    b"x"; r"y"; 'z' "w"

def downgrade() -> None: op.m(); return
