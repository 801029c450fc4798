using System.Text;
using System.Text.Unicode;
using Gateway.House;
using Gateway.Timing;
using MQTTnet;
using Microsoft.Extensions.Logging;

namespace Gateway.Mqtt;

/// <summary>
/// Turns messages on command topics into commands for the reconciler; what is no command at all is refused here. Runs on the
/// connection's receive loop and never waits. Made at start, so that its subscriptions stand before the first connection.
/// </summary>
internal sealed class CommandReceiver
{
    private readonly Topics _topics;
    private readonly HouseHub _hub;
    private readonly StatePublisher _publisher;
    private readonly TimeProvider _time;
    private readonly ILogger<CommandReceiver> _log;
    private readonly ResponseTopics _responseTopics;
    private readonly LogBrake _refusals;
    private readonly LogBrake _odd;

    public CommandReceiver(ResponseTopics responseTopics, HouseHub hub, StatePublisher publisher, TimeProvider time, ILogger<CommandReceiver> log)
    {
        var connection = publisher.Connection;
        _topics = connection.Topics;
        _responseTopics = responseTopics;
        _refusals = new LogBrake(time, more => MqttLog.MoreRefused(log, more));
        _odd = new LogBrake(time, more => MqttLog.MoreOdd(log, more));
        _hub = hub;
        _publisher = publisher;
        _time = time;
        _log = log;
        connection.Subscribe(_topics.CommandFilter, Receive);
        connection.Subscribe(_topics.VoiceFilter, Receive);
    }

    internal void Receive(MqttApplicationMessage message)
    {
        if (!_topics.TryParseCommand(message.Topic, out var address)) return;
        if (message.Retain)
        {
            if (!message.Payload.IsEmpty && _odd.Passes()) MqttLog.RetainedCommand(_log, message.Topic);
            return;
        }

        var replyTo = ReplyTo(message);
        var read = CommandReader.Read(message.Payload, address.Property, mayBeEmpty: address.Kind == "voice");
        var correlation = read.Correlation ?? AsText(message.CorrelationData);
        if (address.Kind == "voice" && message.Topic != _topics.Voice(address.Id))
        {
            Refuse(message.Topic, address, read.Value, correlation, replyTo, $"A routine runs by {_topics.Voice("<routine>")}, and no level follows. Send it there.");
            return;
        }

        if (read.Refusal is { } refusal)
        {
            Refuse(message.Topic, address, read.Value, correlation, replyTo, refusal);
            return;
        }

        var command = new Command
        {
            Kind = address.Kind, Id = address.Id, Property = address.Property, Value = read.Value!, Correlation = correlation, Origin = new MqttOrigin(message.Topic, replyTo),
        };
        if (_hub.TrySubmit(command)) return;
        var shown = read.Value!.Length > CommandReader.ShownCharacters ? null : read.Value;
        Refuse(message.Topic, address, shown, correlation, replyTo, "Too many commands are waiting. Send it again in a moment.");
    }

    private void Refuse(string topic, CommandAddress address, string? value, string? correlation, ReplyAddress? replyTo, string reason)
    {
        if (_refusals.Passes()) MqttLog.Refused(_log, topic, reason);
        _publisher.Publish(
#pragma warning disable RS0030 // shown
            new ResponseDocument(_time.GetUtcNow(), topic, $"{address.Kind}/{address.Id}", address.Property, value, correlation, CommandResult.Refused, reason, [], [], null),
#pragma warning restore RS0030
            replyTo);
    }

    private ReplyAddress? ReplyTo(MqttApplicationMessage message)
    {
        if (string.IsNullOrEmpty(message.ResponseTopic)) return null;
        if (_responseTopics.WhyNot(message.ResponseTopic) is not { } wrong) return new(message.ResponseTopic, message.CorrelationData ?? ReadOnlyMemory<byte>.Empty);
        if (_odd.Passes()) MqttLog.BadResponseTopic(_log, message.Topic, wrong, _topics.Response);
        return null;
    }

    /// <summary>Correlation data as text where it is text, else as base64.</summary>
    private static string? AsText(byte[]? data)
    {
        if (data is not { Length: > 0 }) return null;
        if (!Utf8.IsValid(data)) return Convert.ToBase64String(data);
        var text = Encoding.UTF8.GetString(data);
        return text.Any(char.IsControl) ? Convert.ToBase64String(data) : text;
    }
}
