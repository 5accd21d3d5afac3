with a as b, c() as (d, e), f() as g.h, i() as j[k()], l: m()
with (a): b()
with (a, b): c()
with (a() as b): c()
with (a() as b, c() as d,): e()
with (
    a() as b,
    c(),
):
    d()
with (a, b) as c: d()
with (a), (b): c()
with (a), b as c: d()
with (a).b() as c: d()
with (a)(b): c()
with (yield): pass
with (a := b()): c()
with (a for a in b): c()
with (*a, b): c()
with (): a()
with (a,): b()
with (lambda: a): b()
with (lambda x: a) as y: b()
with (a if b else c): d()
with ((a, b)): c()
with (a, (b, c) as d): e()
with [a, b] as [c, d]: e()
with (a.b[c] as d): e()
with (a)[b] as c: d()
with a() as b:
    with c(b) as d:
        e(d)
        def f():
            g()
        h()
    i()
