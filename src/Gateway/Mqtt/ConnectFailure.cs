using System.Net.Sockets;
using System.Security.Authentication;
using Gateway.Configuration;
using MQTTnet;
using MQTTnet.Exceptions;

namespace Gateway.Mqtt;

/// <summary>Why there is no connection, in plain words, and what the user can do.</summary>
/// <param name="TakenOver">The broker has said that another client uses our client id.</param>
/// <param name="MayBeOurs">A connection that stood ended, and what we sent may be the reason.</param>
/// <param name="Unread">We gave up waiting for the answer to a try: a broker that stood still may yet read it.</param>
internal sealed record ConnectFailure(string Reason, string Remedy, bool TakenOver = false, bool MayBeOurs = false, bool Unread = false)
{
    /// <summary>Explains what a try to connect threw.</summary>
    public static ConnectFailure Of(Exception thrown, MqttSettings settings, BrokerTls? tls)
    {
        if (thrown is ConnectException known) return known.Failure;
        if (tls?.Problem is { } certificate) return certificate;
        for (var e = thrown; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case SocketException socket: return OfSocket(socket, settings);
                case AuthenticationException: return OfHandshake(e, settings);
                case MqttCommunicationTimedOutException or OperationCanceledException or TimeoutException: return Silent(settings);
                case MqttProtocolViolationException: return NotMqtt(e.Message, settings);
            }
        }

        return Cut(thrown, settings);
    }

    /// <summary>Explains a CONNACK that says no.</summary>
    public static ConnectFailure Of(MqttClientConnectResult answer, MqttSettings settings)
    {
        // A broker may quote the user, whose name may be a secret (!env, !file).
        var isSecret = settings.Username is { Length: > 0 } user && answer.ReasonString?.Contains(user, StringComparison.OrdinalIgnoreCase) == true;
        var said = string.IsNullOrWhiteSpace(answer.ReasonString) || isSecret ? "" : $" (\"{answer.ReasonString}\")";
        return answer.ResultCode switch
        {
            MqttClientConnectResultCode.BadUserNameOrPassword => new($"the broker does not accept the user name or password{said}", $"Correct {settings.NameOfLogin}."),
            MqttClientConnectResultCode.NotAuthorized => new(
                settings.Username is null
                    ? $"the broker asks for a user name and password{said}"
                    : $"the broker does not let us in: wrong user name or password, or not authorised{said}",
                $"Correct {settings.NameOfLogin}, and check the broker's access rules."),
            MqttClientConnectResultCode.UnsupportedProtocolVersion => new($"the broker does not speak MQTT {Version(settings)}", $"Set mqtt.protocol to {(settings.Protocol == MqttProtocol.V5 ? "3.1.1" : "5")}."),
            MqttClientConnectResultCode.ClientIdentifierNotValid => new($"the broker does not accept our client id{said}", "Set another mqtt.client_id."),
            MqttClientConnectResultCode.Banned => new($"the broker has banned this client{said}", "Lift the ban in the broker, or set another mqtt.client_id."),
            MqttClientConnectResultCode.ServerUnavailable or MqttClientConnectResultCode.ServerBusy or MqttClientConnectResultCode.ConnectionRateExceeded or MqttClientConnectResultCode.QuotaExceeded
                => new($"the broker is there but does not serve now: {ReasonCodes.Of((int)answer.ResultCode).Words}{said}", "Wait, or look at the broker's log."),
            MqttClientConnectResultCode.BadAuthenticationMethod => new($"the broker wants another way to log in{said}", "Allow user name and password in the broker."),
            MqttClientConnectResultCode.RetainNotSupported => RetainsNothing,
            var code => new($"the broker refused the connection: {ReasonCodes.Of((int)code).Words}{said}", ReasonCodes.Of((int)code).Remedy),
        };
    }

    /// <summary>States, availability and discovery are retained: whoever comes later would see nothing of them.</summary>
    public static ConnectFailure RetainsNothing { get; } = new(
        "the broker keeps no retained messages, and without them Home Assistant sees no devices and no states after its next start",
        "Switch them on in the broker (Mosquitto: retain_available true; EMQX: the retainer), or use another one.");

    /// <summary>Explains the end of a connection that stood.</summary>
    public static ConnectFailure Of(MqttClientDisconnectedEventArgs end, MqttSettings settings) => end.Reason switch
    {
        MqttClientDisconnectReason.SessionTakenOver => new(
            $"another client connected with our client id \"{settings.ClientId}\" and the broker threw us out",
            "Is a second gateway running? Stop one, or give each an own gateway.id and mqtt.client_id.", TakenOver: true),
        MqttClientDisconnectReason.ServerShuttingDown => new("the broker is shutting down", "It is tried again until the broker is back."),
        MqttClientDisconnectReason.KeepAliveTimeout => new("the broker heard nothing from us for too long", "Check the network, and that this machine is not overloaded."),
        MqttClientDisconnectReason.AdministrativeAction or MqttClientDisconnectReason.ServerBusy or MqttClientDisconnectReason.UseAnotherServer or MqttClientDisconnectReason.ServerMoved
            or MqttClientDisconnectReason.ConnectionRateExceeded or MqttClientDisconnectReason.MaximumConnectTime => ThrownOut(end.Reason, mayBeOurs: false),
        > MqttClientDisconnectReason.UnspecifiedError => ThrownOut(end.Reason, mayBeOurs: true),
        _ => OfLoss(end.Exception),
    };

    /// <summary>
    /// Explains a connection that ended without a word. Many brokers (Mosquitto 2.0, every one that speaks MQTT 3.1.1) have none for a client that takes
    /// over our session, nor for a message that they do not like.
    /// </summary>
    public static ConnectFailure OfLoss(Exception? e) => e is not null && Has<MqttCommunicationTimedOutException>(e)
        ? StoppedAnswering
        : new("the connection broke", "If it happens often, look at the broker's log (another client with our client id, a message that it does not like) and the network.", MayBeOurs: true);

    public static ConnectFailure StoppedAnswering { get; } = new("the broker stopped answering", "Check the broker and the network.");

    /// <summary>Explains a takeover by ourselves.</summary>
    public static ConnectFailure OfOwnTry { get; } = new(
        "the broker came only now to an earlier try of ours, and threw this one out for it", "It is tried again. If it happens often, check the broker: it answers late.");

    private static ConnectFailure ThrownOut(MqttClientDisconnectReason reason, bool mayBeOurs)
    {
        var (words, remedy) = ReasonCodes.Of((int)reason);
        return new($"the broker threw us out ({words})", remedy, MayBeOurs: mayBeOurs);
    }

    private static ConnectFailure OfSocket(SocketException e, MqttSettings settings) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => new("nothing listens there (connection refused)",
            settings.Embedded is null ? $"Start the broker, or correct host and port in {settings.NameOfUrl}." : "That broker is inside the gateway (mqtt.embedded): start it with tutti run."),
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new($"the host name {settings.Host} is unknown (DNS: {e.Message})", $"Correct {settings.NameOfUrl}, or use the broker's IP address."),
        SocketError.TimedOut => Silent(settings),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => new($"the host {settings.Host} cannot be reached ({e.Message})", $"Check the network and {settings.NameOfUrl}."),
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.NotConnected => Cut(e, settings),
        _ => new($"the connection failed: {e.Message}", $"Check the broker, the network and {settings.NameOfUrl}."),
    };

    private static ConnectFailure OfHandshake(Exception e, MqttSettings settings)
    {
        var cause = Innermost(e);
        return cause is SocketException or IOException || cause.Message.Contains("EOF", StringComparison.OrdinalIgnoreCase)
            ? CutInHandshake(cause, settings)
            : new($"the TLS handshake failed ({cause.Message})", $"Check that {settings.NameOfUrl} points at the broker's TLS port, and its certificate settings.");
    }

    private static ConnectFailure Cut(Exception e, MqttSettings settings) => settings.Tls ? CutInHandshake(e, settings)
        : new($"the connection was cut before the broker answered ({Innermost(e).Message})", $"Check that {settings.NameOfUrl} points at an MQTT port without TLS; for a TLS port write mqtts://.{(settings.Protocol == MqttProtocol.V5 ? "" : " MQTT 3.1.1 tells no reason: set mqtt.protocol to 5, or look at the broker's log (one that keeps no retained messages does this).")}");

    private static ConnectFailure CutInHandshake(Exception e, MqttSettings settings) => new(
        $"the broker cut the connection in the middle of the TLS handshake ({Innermost(e).Message})",
        settings.CertificateFile is null
            ? $"Check that {settings.NameOfUrl} points at the broker's TLS port; if the broker asks for a client certificate, set mqtt.certificate and mqtt.key."
            : $"Check that {settings.NameOfUrl} points at the broker's TLS port, and that the broker trusts the authority of mqtt.certificate.");

    public static ConnectFailure Silent(MqttSettings settings) => new(
        "the host does not answer", $"Check that an MQTT broker runs at {settings.Host}:{settings.Port} and that no firewall swallows the packets{(settings.Tls ? "" : "; for a TLS port write mqtts://")}.", Unread: true);

    private static ConnectFailure NotMqtt(string why, MqttSettings settings) => new($"what answers there does not speak MQTT ({why})", $"Correct host and port in {settings.NameOfUrl}.");

    private static string Version(MqttSettings settings) => settings.Protocol == MqttProtocol.V5 ? "5" : "3.1.1";

    private static bool Has<T>(Exception e) where T : Exception => e is T || (e.InnerException is { } inner && Has<T>(inner));

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}

/// <summary>A try to connect ended, with the reason already in plain words.</summary>
internal sealed class ConnectException(ConnectFailure failure, Exception? inner = null) : Exception(failure.Reason, inner)
{
    public ConnectFailure Failure { get; } = failure;
}
