using System.Collections.Concurrent;
using System.Net.Sockets;
using Gateway.Engine;
using Microsoft.Win32.SafeHandles;
using Tmds.DBus.Protocol;
using Socket = System.Net.Sockets.Socket;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>
/// BlueZ-shaped objects on a private bus, for what a real bluetoothd does not do on request: every error name, garbage, going and coming back.
/// A call does what <see cref="On"/> was told, else it succeeds, and what BlueZ would then signal is signalled.
/// </summary>
internal sealed class FakeBlueZ : IPathMethodHandler, IAsyncDisposable
{
    public const string AdapterPath = "/org/bluez/hci0";
    public static BluetoothAddress Adapter { get; } = BluetoothAddress.Parse("00:AA:01:00:00:00");
    public const string DevicePath = AdapterPath + "/dev_00_AA_01_01_00_01";
    public static BluetoothAddress Device { get; } = BluetoothAddress.Parse("00:AA:01:01:00:01");
    public const string TransportPath = DevicePath + "/fd0";
    public const string Sink = "0000110b-0000-1000-8000-00805f9b34fb";
    public const string Source = "0000110a-0000-1000-8000-00805f9b34fb";

    private readonly DBusConnection _connection;
    private readonly ConcurrentDictionary<string, Action<MethodContext>> _answers = new();
    private readonly ConcurrentDictionary<string, Dictionary<string, Dictionary<string, VariantValue>>> _objects = new();

    // Who registered what on which adapter: an adapter advertises it as long as its owner lives.
    private readonly ConcurrentDictionary<(string Owner, string Adapter, string Endpoint), string[]> _services = new();

    private FakeBlueZ(DBusConnection connection) => _connection = connection;

    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>The same as <c>Member /path</c>.</summary>
    public ConcurrentQueue<string> PathCalls { get; } = new();

    /// <summary>Endpoint paths in the order of their registration, and who registered them.</summary>
    public ConcurrentQueue<string> Endpoints { get; } = new();

    /// <summary>Who registered the agent: the gateway.</summary>
    public string? Client { get; private set; }

    public string Path => "/";

    public bool HandlesChildPaths => true;

    /// <param name="prepare">Puts more objects there before anybody can see them.</param>
    public static async Task<FakeBlueZ> StartAsync(string address, Action<FakeBlueZ>? prepare = null)
    {
        var connection = new DBusConnection(address);
        await connection.ConnectAsync();
        var fake = new FakeBlueZ(connection);
        fake.Put(AdapterPath, "org.bluez.Adapter1", Radio(Adapter));
        fake.Put(AdapterPath, "org.bluez.Media1", []);
        fake.Put(DevicePath, "org.bluez.Device1", Speaker());
        prepare?.Invoke(fake);
        connection.AddMethodHandler(fake);
        await connection.AddMatchAsync(
            new MatchRule { Type = MessageType.Signal, Sender = "org.freedesktop.DBus", Interface = "org.freedesktop.DBus", Member = "NameOwnerChanged" },
            static (m, _) => (Name: m.GetBodyReader().ReadString(), 0), change => { if (change.HasValue) fake.Forget(change.Value.Name); }, emitOnCapturedContext: false);
        await connection.RequestNameAsync("org.bluez", RequestNameOptions.None);
        return fake;
    }

    public static Dictionary<string, VariantValue> Radio(string address) => new()
    {
        ["Address"] = VariantValue.String(address), ["Name"] = VariantValue.String("fake"), ["Powered"] = VariantValue.Bool(true),
        ["Discovering"] = VariantValue.Bool(false), ["Pairable"] = VariantValue.Bool(false), ["Discoverable"] = VariantValue.Bool(false), ["Class"] = VariantValue.UInt32(0x0C010C),
    };

    public static Dictionary<string, VariantValue> Speaker(bool paired = true, string adapter = AdapterPath, string? address = null, string alias = "Kitchen") => new()
    {
        ["Address"] = VariantValue.String(address ?? Device), ["Adapter"] = VariantValue.ObjectPath(adapter), ["Alias"] = VariantValue.String(alias),
        ["Paired"] = VariantValue.Bool(paired), ["Bonded"] = VariantValue.Bool(paired), ["Trusted"] = VariantValue.Bool(true), ["Connected"] = VariantValue.Bool(false),
        ["UUIDs"] = VariantValue.Array(new[] { Sink }), ["Modalias"] = VariantValue.String("bluetooth:v0001p0002d0003"),
    };

    /// <summary>No call is answered, whatever it is; it goes on telling what changes.</summary>
    public bool IsMute { get; set; }

    /// <summary>What the next and all later calls of a method shall do.</summary>
    public void On(string member, Action<MethodContext> answer) => _answers[member] = answer;

    public void Fail(string member, string error, string message) => On(member, context => context.ReplyError(error, message));

    /// <summary>The next and all later calls of a method are not answered; they wait in what is returned (<see cref="Accept"/>, <see cref="Refuse"/>).</summary>
    public ConcurrentQueue<MethodContext> Hold(string member)
    {
        var held = new ConcurrentQueue<MethodContext>();
        On(member, context => Hold(context, held));
        return held;
    }

    /// <summary>The same for one object; all others obey.</summary>
    public ConcurrentQueue<MethodContext> Hold(string member, string path)
    {
        var held = new ConcurrentQueue<MethodContext>();
        On(member, context =>
        {
            if (context.Request.PathAsString == path) Hold(context, held);
            else Obey(member, context.Request);
        });
        return held;
    }

    private static void Hold(MethodContext context, ConcurrentQueue<MethodContext> held)
    {
        context.DisposesAsynchronously = true;
        held.Enqueue(context);
    }

    public static void Accept(ConcurrentQueue<MethodContext> held)
    {
        if (!held.TryDequeue(out var context)) throw new InvalidOperationException("No call is held.");
        using (context)
        using (var writer = context.CreateReplyWriter(null!)) context.Reply(writer.CreateMessage());
    }

    public static void Refuse(ConcurrentQueue<MethodContext> held)
    {
        if (!held.TryDequeue(out var context)) throw new InvalidOperationException("No call is held.");
        using (context) context.ReplyError("org.bluez.Error.Failed", "br-connection-page-timeout");
    }

    /// <summary>As an answer to <c>Set</c>: one object refuses, all others obey.</summary>
    public void SetUnless(MethodContext context, string path, string error, string message)
    {
        if (context.Request.PathAsString == path) context.ReplyError(error, message);
        else Obey("Set", context.Request);
    }

    /// <summary>An object that is there without a signal.</summary>
    public void Put(string path, string @interface, Dictionary<string, VariantValue> values) => _objects.GetOrAdd(path, _ => new())[@interface] = values;

    public void Add(string path, string @interface, Dictionary<string, VariantValue> values)
    {
        Put(path, @interface, values);
        using var writer = _connection.GetMessageWriter();
        writer.WriteSignalHeader(null, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}");
        writer.WriteObjectPath(path);
        var interfaces = writer.WriteDictionaryStart();
        writer.WriteDictionaryEntryStart();
        writer.WriteString(@interface);
        writer.WriteDictionary(values);
        writer.WriteDictionaryEnd(interfaces);
        _connection.TrySendMessage(writer.CreateMessage());
    }

    public void Remove(string path, params string[] interfaces)
    {
        _objects.TryRemove(path, out _);
        using var writer = _connection.GetMessageWriter();
        writer.WriteSignalHeader(null, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", "oas");
        writer.WriteObjectPath(path);
        writer.WriteArray(interfaces);
        _connection.TrySendMessage(writer.CreateMessage());
    }

    public void Change(string path, string @interface, string property, VariantValue value, params string[] invalidated)
    {
        if (_objects.TryGetValue(path, out var known) && known.TryGetValue(@interface, out var values)) values[property] = value;
        using var writer = _connection.GetMessageWriter();
        writer.WriteSignalHeader(null, path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as");
        writer.WriteString(@interface);
        writer.WriteDictionary([new KeyValuePair<string, VariantValue>(property, value)]);
        writer.WriteArray(invalidated);
        _connection.TrySendMessage(writer.CreateMessage());
    }

    /// <summary>A device is paired, as 5.66 does it: with a lasting key only while its adapter is pairable.</summary>
    public void Bond(string device)
    {
        if (Value(device[..device.LastIndexOf('/')], "org.bluez.Adapter1", "Pairable") is { } pairable && pairable.GetBool()) Change(device, "org.bluez.Device1", "Bonded", VariantValue.Bool(true));
        Change(device, "org.bluez.Device1", "Paired", VariantValue.Bool(true));
    }

    /// <summary>Any agent that registers, or becomes the default one, opens all adapters.</summary>
    private void OpenAll()
    {
        foreach (var path in _objects.Keys.Where(p => _objects[p].ContainsKey("org.bluez.Adapter1"))) Change(path, "org.bluez.Adapter1", "Pairable", VariantValue.Bool(true));
    }

    /// <summary>A signal whose body is not what its name promises.</summary>
    public void Garbage(string path, string @interface, string member)
    {
        using var writer = _connection.GetMessageWriter();
        writer.WriteSignalHeader(null, path, @interface, member, "u");
        writer.WriteUInt32(4711);
        _connection.TrySendMessage(writer.CreateMessage());
    }

    /// <summary>Configures a stream on one of the client's endpoints, as BlueZ does while it connects. Returns after the client has answered.</summary>
    public async Task ConfigureAsync(
        string endpoint, byte[] configuration, ushort? volume = null, ushort? delay = null, string device = DevicePath, string state = "idle", string stream = "fd0")
    {
        var path = $"{device}/{stream}";
        var uuid = endpoint.Contains("sink", StringComparison.Ordinal) ? Sink : Source;
        var values = new Dictionary<string, VariantValue>
        {
            ["Device"] = VariantValue.ObjectPath(device), ["UUID"] = VariantValue.String(uuid), ["Codec"] = VariantValue.Byte(0),
            ["Configuration"] = VariantValue.Array(configuration), ["State"] = VariantValue.String(state),
        };
        if (volume is { } v) values["Volume"] = VariantValue.UInt16(v);
        if (delay is { } d) values["Delay"] = VariantValue.UInt16(d);
        Add(path, "org.bluez.MediaTransport1", values);
        try
        {
            await CallClientAsync(endpoint, "SetConfiguration", "oa{sv}", (ref MessageWriter w) =>
            {
                w.WriteObjectPath(path);
                w.WriteDictionary(values);
            });
        }
        catch (DBusErrorReplyException)
        {
            Remove(path, "org.bluez.MediaTransport1"); // as BlueZ does when the endpoint will not have it
            throw;
        }
    }

    public Task ClearAsync(string endpoint, string transport = TransportPath) =>
        CallClientAsync(endpoint, "ClearConfiguration", "o", (ref MessageWriter w) => w.WriteObjectPath(transport));

    public async Task<byte[]> SelectAsync(string endpoint, byte[] capabilities)
    {
        return await _connection.CallMethodAsync(Message(), static (m, _) => m.GetBodyReader().ReadArrayOfByte());

        MessageBuffer Message()
        {
            using var writer = _connection.GetMessageWriter();
            writer.WriteMethodCallHeader(Client, endpoint, "org.bluez.MediaEndpoint1", "SelectConfiguration", "ay");
            writer.WriteArray(capabilities);
            return writer.CreateMessage();
        }
    }

    /// <summary>A property as BlueZ has it now.</summary>
    public VariantValue? Value(string path, string @interface, string property) =>
        _objects.TryGetValue(path, out var interfaces) && interfaces.TryGetValue(@interface, out var values) && values.TryGetValue(property, out var value) ? value : (VariantValue?)null;

    /// <summary>Asks the client's agent for a PIN.</summary>
    public async Task<string> PinAsync(string device)
    {
        return await _connection.CallMethodAsync(Message(), static (m, _) => m.GetBodyReader().ReadString());

        MessageBuffer Message()
        {
            using var writer = _connection.GetMessageWriter();
            writer.WriteMethodCallHeader(Client, "/org/tutti/agent", "org.bluez.Agent1", "RequestPinCode", "o");
            writer.WriteObjectPath(device);
            return writer.CreateMessage();
        }
    }

    /// <summary>Asks the client's agent.</summary>
    public Task AskAsync(string member, string signature, Writing body) => CallClientAsync("/org/tutti/agent", member, signature, body, "org.bluez.Agent1");

    /// <summary>Answers <c>Acquire</c> with one end of a socket pair, and returns the other.</summary>
    public static Socket ReplyWithSocket(MethodContext context)
    {
        var folder = Directory.CreateTempSubdirectory("tutti-fd-");
        var end = new UnixDomainSocketEndPoint(System.IO.Path.Combine(folder.FullName, "s"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        listener.Bind(end);
        listener.Listen(1);
        var mine = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        mine.Connect(end);
        using var theirs = listener.Accept();
        folder.Delete(recursive: true);
        using var writer = context.CreateReplyWriter("hqq");
        writer.WriteHandle(new SafeFileHandle(theirs.SafeHandle.DangerousGetHandle(), ownsHandle: false));
        writer.WriteUInt16(672);
        writer.WriteUInt16(895);
        context.Reply(writer.CreateMessage());
        // The message holds the handle until it is sent; the socket must outlive that.
        GC.KeepAlive(theirs);
        Thread.Sleep(100);
        mine.ReceiveTimeout = 5_000;
        return mine;
    }

    public delegate void Writing(ref MessageWriter writer);

    public ValueTask HandleMethodAsync(MethodContext context)
    {
        var request = context.Request;
        var member = request.MemberAsString ?? "";
        Calls.Enqueue(member);
        PathCalls.Enqueue($"{member} {request.PathAsString}");
        if (member == "RegisterAgent") Client = request.SenderAsString;
        if (member == "RegisterEndpoint") Endpoints.Enqueue(request.GetBodyReader().ReadObjectPathAsString());
        if (IsMute) context.DisposesAsynchronously = true;
        else if (_answers.TryGetValue(member, out var answer)) answer(context);
        else if (member == "GetManagedObjects") ReplyObjects(context);
        else Obey(member, request);
        if (context.ReplySent || context.DisposesAsynchronously) return ValueTask.CompletedTask;
        using var writer = context.CreateReplyWriter(null!);
        context.Reply(writer.CreateMessage());
        return ValueTask.CompletedTask;
    }

    private void Obey(string member, Message request)
    {
        var path = request.PathAsString!;
        var reader = request.GetBodyReader();
        switch (member)
        {
            case "Set":
                Change(path, reader.ReadString(), reader.ReadString(), reader.ReadVariantValue());
                break;
            case "StartDiscovery" or "StopDiscovery":
                Change(path, "org.bluez.Adapter1", "Discovering", VariantValue.Bool(member == "StartDiscovery"));
                break;
            case "Pair":
                Bond(path);
                break;
            case "RegisterEndpoint":
                var endpoint = reader.ReadObjectPathAsString();
                Advertise(request, path, endpoint, [reader.ReadDictionaryOfStringToVariantValue()["UUID"].GetString()]);
                break;
            case "UnregisterEndpoint":
                if (_services.TryRemove((request.SenderAsString!, path, reader.ReadObjectPathAsString()), out _)) ShowServices(path);
                break;
            case "RegisterApplication": // as PulseAudio and PipeWire register their endpoints
                Advertise(request, path, "application", [Source, Sink]);
                break;
            case "RegisterProfile": // and their telephony
                var profile = reader.ReadObjectPathAsString();
                Advertise(request, AdapterPath, profile, [reader.ReadString()]);
                break;
            case "RegisterAgent" or "RequestDefaultAgent":
                OpenAll();
                break;
            case "RemoveDevice":
                Remove(reader.ReadObjectPathAsString(), "org.bluez.Device1");
                break;
        }
    }

    private void Advertise(Message request, string adapter, string endpoint, string[] uuids)
    {
        _services[(request.SenderAsString!, adapter, endpoint)] = uuids;
        ShowServices(adapter);
    }

    private void Forget(string owner)
    {
        foreach (var key in _services.Keys.Where(k => k.Owner == owner && _services.TryRemove(k, out _)).ToList()) ShowServices(key.Adapter);
    }

    private void ShowServices(string adapter) => Change(adapter, "org.bluez.Adapter1", "UUIDs", VariantValue.Array(_services.Where(s => s.Key.Adapter == adapter).SelectMany(s => s.Value).Distinct().ToArray()));

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private void ReplyObjects(MethodContext context)
    {
        using var writer = context.CreateReplyWriter("a{oa{sa{sv}}}");
        var objects = writer.WriteDictionaryStart();
        foreach (var (path, interfaces) in _objects)
        {
            writer.WriteDictionaryEntryStart();
            writer.WriteObjectPath(path);
            var start = writer.WriteDictionaryStart();
            foreach (var (name, values) in interfaces)
            {
                writer.WriteDictionaryEntryStart();
                writer.WriteString(name);
                writer.WriteDictionary(values);
            }

            writer.WriteDictionaryEnd(start);
        }

        writer.WriteDictionaryEnd(objects);
        context.Reply(writer.CreateMessage());
    }

    private Task CallClientAsync(string path, string member, string signature, Writing body, string @interface = "org.bluez.MediaEndpoint1")
    {
        return _connection.CallMethodAsync(Message());

        MessageBuffer Message()
        {
            var writer = _connection.GetMessageWriter();
            try
            {
                writer.WriteMethodCallHeader(Client, path, @interface, member, signature);
                body(ref writer);
                return writer.CreateMessage();
            }
            finally
            {
                writer.Dispose();
            }
        }
    }
}
