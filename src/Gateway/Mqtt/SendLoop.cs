using System.Buffers;
using MQTTnet;
using MQTTnet.Protocol;
using Microsoft.Extensions.Logging;

namespace Gateway.Mqtt;

/// <summary>Sends what the outbox holds over one connection, at most the broker's window of messages unacknowledged at a time, until the connection ends.</summary>
internal sealed class SendLoop(IMqttClient client, BrokerTraits broker, Outbox outbox, MqttComplaints complaints, Heartbeat heartbeat, ILogger log)
{
    public async Task RunAsync(TaskCompletionSource<ConnectFailure> ended, CancellationToken stopping)
    {
        var slots = new SemaphoreSlim(broker.Window, broker.Window); // not disposed: a late acknowledgement may still release it
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var cancelOnEnd = CancelOnEndAsync();
        while (!ended.Task.IsCompleted && !stopping.IsCancellationRequested)
        {
            try
            {
                await slots.WaitAsync(either.Token);
                if (outbox.TryTake(out var message))
                {
                    _ = PublishAsync(message, slots, ended, either.Token);
                }
                else
                {
                    slots.Release();
                    complaints.Tell(outbox.TakeDropped());
                    await outbox.WaitAsync(either.Token);
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (outbox.TakeOverflow() is > 0 and var dropped) MqttLog.Overflow(log, dropped, Outbox.Capacity);
        }

        await cancelOnEnd;
        return;

        async Task CancelOnEndAsync()
        {
            await ((Task)ended.Task).WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await either.CancelAsync();
        }
    }

    public MqttApplicationMessage Build(Outgoing message) => new()
    {
        Topic = message.Topic,
        Payload = new ReadOnlySequence<byte>(message.Payload),
        Retain = message.Retain,
        QualityOfServiceLevel = message.Quality > broker.MostQuality ? broker.MostQuality : message.Quality,
        CorrelationData = message.CorrelationData.IsEmpty || !broker.SpeaksV5 ? null : message.CorrelationData.ToArray(),
    };

    // Calls start in the order of the queue and the client sends in the order of the calls; only the acknowledgements overlap.
    private async Task PublishAsync(Outgoing message, SemaphoreSlim slots, TaskCompletionSource<ConnectFailure> ended, CancellationToken token)
    {
        try
        {
            var result = await client.PublishAsync(Build(message), token);
            if (message.Quality != MqttQualityOfServiceLevel.AtMostOnce) heartbeat.Heard();
            outbox.Acknowledge(message, result.IsSuccess);
            if (!result.IsSuccess) complaints.Refused(message, (int)result.ReasonCode);
        }
        catch (Exception e)
        {
            await TellEndAsync(e, ended);
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>The client's own event knows the reason better, and comes at about the same time.</summary>
    private static async Task TellEndAsync(Exception e, TaskCompletionSource<ConnectFailure> ended)
    {
        if (e is not MQTTnet.Exceptions.MqttCommunicationTimedOutException)
            await ((Task)ended.Task).WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ended.TrySetResult(ConnectFailure.OfLoss(e));
    }
}
