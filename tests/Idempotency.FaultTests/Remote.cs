using System.Diagnostics;
using Idempotency.Soak;
using Idempotency.TestServers;

namespace Idempotency.FaultTests;

/// <summary>A process that reaches its server over a network in which there may be <see cref="FaultTests.Weather"/>.</summary>
internal sealed class Remote : IDisposable
{
    private readonly TcpProxy _proxy;
    private readonly Process _process;
    private Weather? _weather;
    private int _refusals;

    public Remote(Workload work)
    {
        _proxy = TcpProxy.Start(StoreUnderTest.Named(work.Store).Server!.Port);
        Work = work with { ServerPort = _proxy.Port };
        _process = Children.Start(Work);
    }

    public Workload Work { get; }

    public int Port => _proxy.Port;

    /// <summary>How many connections were cut in the middle of an answer.</summary>
    public int Cuts => _proxy.Cuts;

    public List<JournalLine> Lines => File.Exists(Work.Journal) ? Scene.Lines(Work) : [];

    public int Returned => Lines.Count(static line => line.What == Journal.Returned);

    /// <summary>How many calls were told that the store did not answer.</summary>
    private int Refusals => Lines.Count(static line => line.What is Journal.Unavailable or Journal.NotStored);

    public void BeginWeather(int seed) => _weather = Weather.Begin(_proxy, seed);

    /// <summary>Whether it has lived through all weather. Lets what hangs go on as soon as a call has been told so.</summary>
    public bool HasHadAllWeather()
    {
        if (!_weather!.IsHalfOpen)
        {
            _refusals = -1;
        }
        else if (_refusals < 0)
        {
            _refusals = Refusals;
        }
        else if (Refusals > _refusals)
        {
            _weather.GoOn();
        }

        return _weather.HasHadAll;
    }

    public void ClearUp() => _weather!.ClearUp();

    /// <summary>Waits until it has come to its next pause.</summary>
    public Task UntilPausedAsync() => Children.UntilPausedAsync(_process).WaitAsync(Patience.Longest);

    /// <summary>Tells it to go on, or to stop.</summary>
    public void Tell() => _process.StandardInput.WriteLine();

    public Task EndAsync() => Children.EndAsync(_process, Work).WaitAsync(Patience.Longest);

    public override string ToString() => _weather!.ToString();

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true); // does nothing to one that has ended
        _process.Dispose();
        _proxy.Dispose();
    }
}
