using Idempotency.TestServers;

namespace Idempotency.FaultTests;

/// <summary>
/// Bad weather on one process's way to its server: turns of each kind, in an order and with moments that the seed chooses, until it
/// clears up. A turn lasts for so many pieces of answers, so that it is the same on a slow machine.
/// </summary>
internal sealed class Weather
{
    /// <summary>How many of all answers are cut off by a reset in their middle, where a turn does not say otherwise.</summary>
    private const double CutRate = 0.05;

    private static readonly Turn[] s_all =
    [
        new("late", Answers: 5, static _ => new Passage(TimeSpan.FromMilliseconds(500))),
        new("very late", Answers: 3, static random => new Passage(TimeSpan.FromMilliseconds(random.Next(200, 2000)))), // some later than a guard waits
        new("in pieces", Answers: 10, static random => new Passage(IsCutShort: random.Next(3) == 0)),
        new("byte by byte", Answers: 10, static _ => new Passage(Trickles: true)),
        new("reset", Answers: 5, static _ => default) { Begin = static proxy => proxy.CutAll() },
        new("half open", Answers: 1, static _ => default) { Begin = static proxy => proxy.Hold() },
    ];

    private readonly Lock _gate = new();
    private readonly TcpProxy _proxy;
    private readonly Random _random;
    private readonly Turn[] _turns;
    private int _begun;
    private int _left;
    private bool _isClear;

    private Weather(TcpProxy proxy, int seed)
    {
        (_proxy, _random, _turns) = (proxy, new Random(seed), [.. s_all]);
        _random.Shuffle(_turns);
    }

    /// <summary>Whether there was every kind of it.</summary>
    public bool HasHadAll { get { lock (_gate) { return _begun > _turns.Length; } } }

    /// <summary>Whether nothing gets through, until <see cref="GoOn"/>.</summary>
    public bool IsHalfOpen { get; private set; }

    public static Weather Begin(TcpProxy proxy, int seed)
    {
        var weather = new Weather(proxy, seed);
        proxy.NextPassage = weather.Next;
        return weather;
    }

    /// <summary>Lets what was held through.</summary>
    public void GoOn()
    {
        lock (_gate)
        {
            IsHalfOpen = false;
            _proxy.LetGo();
        }
    }

    /// <summary>Ends all of it.</summary>
    public void ClearUp()
    {
        lock (_gate)
        {
            _isClear = true;
            GoOn();
        }
    }

    public override string ToString() => string.Join(", ", _turns.Select(static turn => turn.Name));

    private Passage Next()
    {
        lock (_gate)
        {
            if (_isClear)
            {
                return default;
            }

            if (_left == 0 && !IsHalfOpen)
            {
                var next = _turns[_begun++ % _turns.Length];
                _left = next.Answers;
                IsHalfOpen = next.Name == "half open";
                next.Begin?.Invoke(_proxy);
            }

            _left = Math.Max(_left - 1, 0); // what had got through before a connection was held
            var passage = _turns[(_begun - 1) % _turns.Length].Next(_random);
            return passage with { IsCutShort = passage.IsCutShort || _random.NextDouble() < CutRate };
        }
    }

    private sealed record Turn(string Name, int Answers, Func<Random, Passage> Next)
    {
        public Action<TcpProxy>? Begin { get; init; }
    }
}
