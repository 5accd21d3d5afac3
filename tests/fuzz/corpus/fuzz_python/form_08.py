match f(x), y:
    case [a, *b] if c(): d()
    case (e, f, *_): pass
    case {"k": g, h.i: j, **k}: pass
    case {}: pass
    case A.B(l, m=n, o=P(q)) as r: s = 1
    case A.B: pass
    case (t | t) as u: pass
    case "a" "b": pass
    case (A(w, ww)): pass
    case [A() as v, _]: pass
    case x, y: pass
    case *z, : pass
    case _ if (aa := 1): pass
    case _: pass
