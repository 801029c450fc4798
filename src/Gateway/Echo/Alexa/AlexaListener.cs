using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Echo.Alexa;

/// <summary>Keeps the stream of changes open, with growing pauses. Without it changes are seen with the next look: whatever happens to it is told once, and no more.</summary>
internal sealed class AlexaListener(AlexaPush push, TimeProvider time, ILogger log, Action<AlexaParts> tell, Func<double> random)
{
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(5), time, random);
    private bool _wasOpen;
    private string? _problem;

    /// <param name="ready">The account is there.</param>
    public async Task RunAsync(Task ready, CancellationToken cancellationToken)
    {
        await ready.WaitAsync(cancellationToken);
        while (true)
        {
            var listening = push.ListenAsync(OnOpened, message => tell(AlexaReadings.Told(message)), cancellationToken);
            await listening.Ended();
            cancellationToken.ThrowIfCancellationRequested();
            if (listening.Failure() is { } failure and not IOException) OnFailed(failure);
            await Task.Delay(_backoff.Failed(), time, cancellationToken);
        }
    }

    private void OnOpened()
    {
        _backoff.Succeeded();
        if (_wasOpen) tell(AlexaParts.All); // what happened meanwhile was told to nobody
        if (!_wasOpen || _problem is not null) AlexaLog.Listening(log);
        (_wasOpen, _problem) = (true, null);
    }

    private void OnFailed(Exception failure)
    {
        var problem = failure is AlexaException no ? no.Text : "an internal fault was met; it was logged.";
        if (problem == _problem) return;
        _problem = problem;
        if (failure is AlexaException) AlexaLog.NotListening(log, problem);
        else AlexaLog.Fault(log, failure);
    }
}
